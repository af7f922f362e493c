"""Words of the pages. Chinese is the source of pages and scripts, English that of problems.

``pybabel extract -F gridmap/translations/babel.cfg -o messages.pot .`` collects them,
``pybabel update`` brings them into the catalogues; a test refuses a catalogue with a gap.
"""
