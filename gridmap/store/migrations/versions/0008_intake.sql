-- Photos of reports, who handles an incident until when, and files waiting to be read.

SELECT 1;
