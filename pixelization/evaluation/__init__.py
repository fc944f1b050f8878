"""Methods x folders of images x sizes: tables, pictures and a report of one page."""
