package io.pgtask.benchmark;

import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import io.pgtask.benchmark.contender.Contenders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of the processes in which contenders live. Answers calls of
 * {@link NodeApi} on a socket until the other side closes it. The standard output is no
 * way to answer, as the JVM may write to it by itself.
 */
final class Node {

	private final NodeSession session;

	private final ObjectInputStream calls;

	private final ObjectOutputStream results;

	private Node(NodeSession session, ObjectInputStream calls, ObjectOutputStream results) {
		this.session = session;
		this.calls = calls;
		this.results = results;
	}

	/**
	 * Run a node.
	 * @param arguments the name of the contender, and the port to connect to
	 * @throws Exception if it cannot go on
	 */
	public static void main(String[] arguments) throws Exception {
		((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
		logFailuresToFile();
		// It warns of its own filters.
		((ch.qos.logback.classic.Logger) LoggerFactory.getLogger("org.jobrunr")).setLevel(Level.ERROR);
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1]))) {
			socket.setTcpNoDelay(true);
			ObjectOutputStream results = new ObjectOutputStream(socket.getOutputStream());
			results.flush();
			ObjectInputStream calls = new ObjectInputStream(socket.getInputStream());
			Database database = (Database) calls.readObject();
			new Node(new NodeSession(Contenders.of(arguments[0]).create(), database), calls, results).serve();
		}
		System.exit(0);
	}

	/** To log them is a part of their price, but nobody wants to read them here. */
	private static void logFailuresToFile() throws IOException {
		ch.qos.logback.classic.Logger logger = (ch.qos.logback.classic.Logger) LoggerFactory
			.getLogger("io.pgtask.worker.StepRunner");
		PatternLayoutEncoder encoder = new PatternLayoutEncoder();
		encoder.setContext(logger.getLoggerContext());
		encoder.setPattern("%d %level %logger: %msg%n");
		encoder.start();
		Path file = Files.createTempFile("pg-task-benchmark", ".log");
		file.toFile().deleteOnExit();
		FileAppender<ILoggingEvent> appender = new FileAppender<>();
		appender.setContext(logger.getLoggerContext());
		appender.setFile(file.toString());
		appender.setEncoder(encoder);
		appender.start();
		logger.addAppender(appender);
		logger.setAdditive(false);
	}

	private void serve() throws IOException, ClassNotFoundException {
		while (true) {
			Call call;
			try {
				call = (Call) this.calls.readObject();
			}
			catch (EOFException ex) {
				return;
			}
			this.results.writeUnshared(execute(call));
			this.results.reset();
			this.results.flush();
		}
	}

	private Result execute(Call call) {
		try {
			return new Result(method(call.method()).invoke(this.session, call.arguments().toArray()), null);
		}
		catch (InvocationTargetException ex) {
			return new Result(null, stackTrace(ex.getTargetException()));
		}
		catch (IllegalAccessException ex) {
			return new Result(null, stackTrace(ex));
		}
	}

	private static String stackTrace(Throwable failure) {
		StringWriter text = new StringWriter();
		failure.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

	private static Method method(String name) {
		return Arrays.stream(NodeApi.class.getMethods())
			.filter((method) -> method.getName().equals(name))
			.findFirst()
			.orElseThrow();
	}

	/**
	 * A call.
	 *
	 * @param method the name of the method
	 * @param arguments its arguments
	 */
	record Call(String method, List<Object> arguments) implements Serializable {
	}

	/**
	 * The end of a call.
	 *
	 * @param value what it has returned
	 * @param failure the stack trace of what it has thrown
	 */
	record Result(@Nullable Object value, @Nullable String failure) implements Serializable {
	}

}
