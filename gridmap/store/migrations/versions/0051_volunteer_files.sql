-- Volunteers come in by a file and go out in one; a call for them is made once.

ALTER TABLE upload
    DROP CONSTRAINT upload_kind_check,
    ADD CONSTRAINT upload_kind_check CHECK (kind IN ('roads', 'areas', 'buildings', 'households',
        'facilities', 'hazards', 'grids', 'volunteers'));
ALTER TABLE export_request
    DROP CONSTRAINT export_request_kind_check,
    ADD CONSTRAINT export_request_kind_check
        CHECK (kind IN ('households', 'visits', 'moves', 'volunteers'));

-- Whoever calls twice because the answer was lost has called once.
ALTER TABLE volunteer_call ADD COLUMN client_id uuid UNIQUE;
COMMENT ON COLUMN volunteer_call.client_id IS
    'made by whoever called: the same call sent again is the same call; NULL: from before';
