"""Drawn maps: the local folium shell and printed figures; the only importer of folium."""
