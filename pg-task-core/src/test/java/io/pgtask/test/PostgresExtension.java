package io.pgtask.test;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Resolves {@link TestDatabase} parameters. The database lives in the store of the
 * outermost test class, and JUnit closes what it finds there after the class.
 */
class PostgresExtension implements ParameterResolver {

	private static final Namespace NAMESPACE = Namespace.create(PostgresExtension.class);

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		return parameter.getParameter().getType() == TestDatabase.class;
	}

	@Override
	public TestDatabase resolveParameter(ParameterContext parameter, ExtensionContext context) {
		return database(context);
	}

	/** Return the database of a test class. */
	static TestDatabase database(ExtensionContext context) {
		ExtensionContext outermost = outermostClass(context);
		String label = outermost.getRequiredTestClass().getSimpleName();
		return outermost.getStore(NAMESPACE)
			.computeIfAbsent(TestDatabase.class, (key) -> PostgresServer.shared().createDatabase(label),
					TestDatabase.class);
	}

	private static ExtensionContext outermostClass(ExtensionContext context) {
		ExtensionContext outermost = context;
		while (outermost.getParent().filter((parent) -> parent.getTestClass().isPresent()).isPresent()) {
			outermost = outermost.getParent().get();
		}
		return outermost;
	}

}
