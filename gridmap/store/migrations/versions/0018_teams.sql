-- Whose account is of which team: a unit handles what is with its own team, and nothing else.

ALTER TABLE app_user ADD COLUMN team_id bigint REFERENCES responder ON DELETE SET NULL;
COMMENT ON COLUMN app_user.team_id IS
    'the team this account works for; NULL for people of no team, who handle nothing of a team';
CREATE INDEX app_user_team ON app_user (team_id) WHERE team_id IS NOT NULL;
