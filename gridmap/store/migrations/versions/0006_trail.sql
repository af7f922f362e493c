-- The event table as a hash chain, and its signed heads.

SELECT 1;
