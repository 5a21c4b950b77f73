package io.pgtask.faults;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

import org.jspecify.annotations.Nullable;

/**
 * Puts something between a caller and an object of JDBC.
 */
final class Interception {

	private Interception() {
	}

	/** Returns an object that has a call answer whatever it is asked. */
	static <T> T of(Class<T> type, Call call) {
		return type.cast(Proxy.newProxyInstance(Interception.class.getClassLoader(), new Class<?>[] { type },
				(proxy, method, arguments) -> call.invoke(method, arguments)));
	}

	/** Asks the object itself. */
	static @Nullable Object pass(Object target, Method method, @Nullable Object @Nullable [] arguments)
			throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	interface Call {

		@Nullable Object invoke(Method method, @Nullable Object @Nullable [] arguments) throws Throwable;

	}

}
