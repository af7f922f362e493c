-- Scenarios of redrawing: their grids, operations and publication.

SELECT 1;
