-- Answers that count grids by the rule of size must not be taken for current when it changes.

INSERT INTO layer_version (layer) VALUES ('grid_rule');
CREATE TRIGGER layer_version_insert AFTER INSERT ON grid_rule
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_update AFTER UPDATE ON grid_rule
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
CREATE TRIGGER layer_version_delete AFTER DELETE ON grid_rule
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version();
