-- A report on coverage is kept for who asked as a workbook too.

ALTER TABLE paper_file
    DROP CONSTRAINT paper_file_media_check,
    ADD CONSTRAINT paper_file_media_check CHECK (media IN ('application/pdf', 'application/zip',
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'));
COMMENT ON TABLE paper_file IS
    'Notices, tables, maps and reports that a worker made; only for who asked, and for a day';
COMMENT ON COLUMN paper_file.pages IS 'of a workbook its sheets';
