-- Alarms taken, the duty log, shifts.

SELECT 1;
