"""The studio: pictures and settings to sprites and files, remembered between calls, over HTTP.

Knows pages and scripts that ask by JSON; knows no command line. A sprite is made by the same calls
as the commands make it, so a file that is exported here is the command's, bit for bit.

:mod:`~pixelization.studio.pictures` keeps what was uploaded, :mod:`~pixelization.studio.memory`
what networks and detection found, :mod:`~pixelization.studio.settings` is what is asked for and how
it is written as a command or a style file, :mod:`~pixelization.studio.workshop` makes it.
:mod:`~pixelization.studio.schema`, :mod:`~pixelization.studio.guard` and
:mod:`~pixelization.studio.server` are the door; ``page/`` is what a browser shows.
"""
