-- Citus: distributes the messages over the workers. The other tables are small and stay local.
SELECT create_distributed_table('omnilogs.message', 'ident');
SELECT create_distributed_table('omnilogs.version', 'ident', colocate_with => 'omnilogs.message');
