"""The application that gunicorn serves."""

from gridmap.app import create_app

# what gunicorn acknowledges has to be on disk
app = create_app(durable=True)
