"""Many files: jobs, reducers and output, for every door; knows no command line."""
