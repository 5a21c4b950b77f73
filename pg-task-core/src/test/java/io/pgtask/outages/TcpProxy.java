package io.pgtask.outages;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The network between a worker and its server. It can swallow everything, as a firewall
 * does that has forgotten its connections: the sockets of both sides stay open, and
 * neither learns that the other has gone. What was swallowed once never passes again;
 * those who connect meanwhile get their answer when the network is back.
 */
final class TcpProxy implements AutoCloseable {

	private final ServerSocket entrance;

	private final InetSocketAddress server;

	private final Set<Link> links = ConcurrentHashMap.newKeySet();

	private boolean passing = true;

	TcpProxy(String host, int port) throws IOException {
		this.server = new InetSocketAddress(host, port);
		this.entrance = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
		start("tcp-proxy", this::accept);
	}

	int port() {
		return this.entrance.getLocalPort();
	}

	/** Swallows everything from now on. */
	synchronized void swallow() {
		this.passing = false;
		this.links.forEach((link) -> link.swallowing = true);
	}

	/**
	 * Swallows what is sent by one connection, which the server sees come from a port.
	 */
	void swallow(int port) {
		Predicate<Link> isMeant = (link) -> link.toServer.getLocalPort() == port;
		this.links.stream().filter(isMeant).findAny().orElseThrow().swallowing = true;
	}

	/** Lets new connections pass. */
	synchronized void pass() {
		this.passing = true;
		notifyAll();
	}

	private void accept() {
		try {
			while (true) {
				Socket client = this.entrance.accept();
				awaitPassing();
				link(client);
			}
		}
		catch (IOException | InterruptedException ex) {
			// The test is over.
		}
	}

	private synchronized void awaitPassing() throws InterruptedException {
		while (!this.passing) {
			wait();
		}
	}

	private void link(Socket client) throws IOException {
		Socket toServer = new Socket();
		try {
			toServer.connect(this.server);
		}
		catch (IOException ex) {
			client.close();
			return;
		}
		Link link = new Link(client, toServer);
		this.links.add(link);
		start("tcp-proxy-up", () -> link.copy(client, toServer));
		start("tcp-proxy-down", () -> link.copy(toServer, client));
	}

	private static void start(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		this.entrance.close();
		pass();
		this.links.forEach(Link::close);
	}

	/** One connection through the proxy. */
	private static final class Link implements Closeable {

		private final Socket client;

		private final Socket toServer;

		private volatile boolean swallowing;

		private Link(Socket client, Socket toServer) {
			this.client = client;
			this.toServer = toServer;
		}

		private void copy(Socket from, Socket to) {
			byte[] buffer = new byte[16 * 1024];
			try {
				InputStream in = from.getInputStream();
				OutputStream out = to.getOutputStream();
				for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
					if (!this.swallowing) {
						out.write(buffer, 0, read);
					}
				}
			}
			catch (IOException ex) {
				// Closed by either side.
			}
			// Nor does the other side of a dead connection learn of its end.
			if (!this.swallowing) {
				close();
			}
		}

		@Override
		public void close() {
			try (this.client; this.toServer) {
				this.swallowing = true;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
