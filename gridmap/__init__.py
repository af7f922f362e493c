"""gridmap: grid management and emergency response for a county's townships, on one map."""
