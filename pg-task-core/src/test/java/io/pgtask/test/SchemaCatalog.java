package io.pgtask.test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Describes a schema as PostgreSQL's catalog has it, so that two ways of making one can
 * be compared.
 */
public final class SchemaCatalog {

	private static final String SET_PATH = "SELECT set_config('search_path', quote_ident(?), false)";

	private static final String DESCRIBE = """
			WITH schema AS (SELECT oid FROM pg_namespace WHERE nspname = current_schema()),
			relations AS (
			    SELECT c.* FROM pg_class c JOIN schema s ON c.relnamespace = s.oid
			    WHERE c.relname NOT LIKE '%databasechangelog%' AND c.relname NOT LIKE '\\_sqlx%'),
			tables AS (SELECT * FROM relations WHERE relkind NOT IN ('i', 'I', 'S'))
			SELECT format('relation %s %s %s %s rls=%s comment=%L', relname, relkind, relpersistence,
			    reloptions::text, relrowsecurity, obj_description(oid, 'pg_class')) FROM tables
			UNION ALL
			SELECT format('column %s.%s#%s %s notnull=%s generated=%s default=%L storage=%s compression=%s collation=%s comment=%L',
			    t.relname, a.attname, rank() OVER (PARTITION BY a.attrelid ORDER BY a.attnum),
			    format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
			    pg_get_expr(d.adbin, d.adrelid), a.attstorage, a.attcompression, a.attcollation::regcollation,
			    col_description(a.attrelid, a.attnum))
			FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
			LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			UNION ALL
			SELECT format('index %s valid=%s options=%s comment=%L',
			    replace(pg_get_indexdef(i.indexrelid), quote_ident(current_schema()) || '.', ''), i.indisvalid,
			    r.reloptions::text, obj_description(i.indexrelid, 'pg_class'))
			FROM pg_index i JOIN relations r ON r.oid = i.indexrelid JOIN tables t ON t.oid = i.indrelid
			UNION ALL
			SELECT format('constraint %s.%s %s comment=%L', t.relname, c.conname, pg_get_constraintdef(c.oid),
			    obj_description(c.oid, 'pg_constraint'))
			FROM pg_constraint c JOIN tables t ON t.oid = c.conrelid
			UNION ALL
			SELECT format('trigger %s enabled=%s comment=%L',
			    replace(pg_get_triggerdef(g.oid), quote_ident(current_schema()) || '.', ''), g.tgenabled,
			    obj_description(g.oid, 'pg_trigger'))
			FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid
			UNION ALL
			SELECT format('function %s public=%s comment=%L',
			    replace(replace(pg_get_functiondef(p.oid), quote_ident(current_schema()) || '.', ''),
			        '''' || replace(current_schema(), '''', '''''') || '''', '''own'''), has_function_privilege('public', p.oid, 'EXECUTE'),
			    obj_description(p.oid, 'pg_proc'))
			FROM pg_proc p JOIN schema s ON p.pronamespace = s.oid
			ORDER BY 1
			""";

	private SchemaCatalog() {
	}

	/**
	 * Describes tables, columns, indexes, constraints, triggers and functions of a schema
	 * with their comments and options, but nothing that migration tools keep for
	 * themselves.
	 * @param database the database
	 * @param schema the literal name of the schema, which is removed from what is
	 * described
	 * @return a line for each object, sorted
	 * @throws SQLException if the database fails
	 */
	public static List<String> describe(TestDatabase database, String schema) throws SQLException {
		try (Connection connection = database.openConnection()) {
			try (PreparedStatement statement = connection.prepareStatement(SET_PATH)) {
				statement.setString(1, schema);
				statement.execute();
			}
			return describe(connection);
		}
	}

	private static List<String> describe(Connection connection) throws SQLException {
		List<String> lines = new ArrayList<>();
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(DESCRIBE)) {
			while (rows.next()) {
				lines.add(rows.getString(1));
			}
		}
		return lines;
	}

}
