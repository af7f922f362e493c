-- Approval and order of evacuations, and the sheets printed from them.

SELECT 1;
