-- When each fact about a household was last seen, visits, needs read in an emergency.

SELECT 1;
