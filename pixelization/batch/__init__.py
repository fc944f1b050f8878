"""Many files: which is made of which, by networks or at a grid, written and reported.

Knows names, folders, formats, sheets and reports, for every door: the command line, a server, a
plugin. Knows no command line: options are values (:mod:`~pixelization.batch.options`), results are
values (:mod:`~pixelization.batch.run`), progress is what the caller makes of them.

The way of an image: :func:`~pixelization.batch.jobs.plan_jobs` names what is written. Then
:func:`~pixelization.batch.sprites.write_sprite` or :func:`~pixelization.batch.smooth.smooth_sprite`
has the source opened and reduced (:mod:`~pixelization.batch.voting`), finishes it, has it written
(:mod:`~pixelization.batch.output`), and reports.
"""
