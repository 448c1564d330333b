-- Citus: spreads the messages over the workers. The other tables are small, and stay where they are.
SELECT create_distributed_table('omnilogs.message', 'ident');
SELECT create_distributed_table('omnilogs.version', 'ident', colocate_with => 'omnilogs.message');
