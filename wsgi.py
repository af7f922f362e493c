"""The application that gunicorn serves."""

from gridmap.app import create_app

app = create_app()
