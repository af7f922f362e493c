-- Second factors, tokens of programs, and what an account remembers of its use.

SELECT 1;
