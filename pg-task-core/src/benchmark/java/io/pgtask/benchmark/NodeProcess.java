package io.pgtask.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A process that runs {@link Node}, and the way to call it.
 */
final class NodeProcess implements AutoCloseable {

	private static final int START_MILLIS = 60_000;

	private static final long CLOSE_SECONDS = 10;

	private final Entrant entrant;

	private final Process process;

	private final Socket socket;

	private final ObjectOutputStream calls;

	private final ObjectInputStream results;

	private final NodeApi api;

	NodeProcess(Entrant entrant, List<String> jvmArguments, Database database) throws IOException {
		this.entrant = entrant;
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			server.setSoTimeout(START_MILLIS);
			this.process = new ProcessBuilder(command(entrant, jvmArguments, server.getLocalPort())).inheritIO()
				.start();
			this.socket = accept(server);
		}
		this.socket.setTcpNoDelay(true);
		this.calls = new ObjectOutputStream(this.socket.getOutputStream());
		send(database);
		this.results = new ObjectInputStream(this.socket.getInputStream());
		this.api = (NodeApi) Proxy.newProxyInstance(NodeApi.class.getClassLoader(), new Class<?>[] { NodeApi.class },
				(proxy, method, arguments) -> call(method, arguments));
	}

	private Socket accept(ServerSocket server) throws IOException {
		try {
			return server.accept();
		}
		catch (IOException ex) {
			this.process.destroyForcibly();
			throw ex;
		}
	}

	private static List<String> command(Entrant entrant, List<String> jvmArguments, int port) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.add("-Xmx1g");
		command.addAll(jvmArguments);
		command.add("-classpath");
		String classPath = System.getProperty("java.class.path");
		Path classes = entrant.classes();
		command.add((classes != null) ? classes + File.pathSeparator + classPath : classPath);
		command.add(Node.class.getName());
		command.add(entrant.contender().id());
		command.add(String.valueOf(port));
		return command;
	}

	NodeApi api() {
		return this.api;
	}

	long pid() {
		return this.process.pid();
	}

	private synchronized @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
		send(new Node.Call(method.getName(), (arguments != null) ? List.of(arguments) : List.of()));
		Node.Result result = (Node.Result) this.results.readObject();
		if (result.failure() != null) {
			throw new IllegalStateException(
					"%s failed in %s: %s".formatted(this.entrant.name(), method.getName(), result.failure()));
		}
		return result.value();
	}

	private void send(Object object) throws IOException {
		this.calls.writeUnshared(object);
		this.calls.reset();
		this.calls.flush();
	}

	@Override
	public void close() {
		try {
			this.socket.close();
			if (!this.process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (IOException ex) {
			this.process.destroyForcibly();
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

}
