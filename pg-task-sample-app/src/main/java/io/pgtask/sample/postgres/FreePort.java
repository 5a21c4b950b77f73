package io.pgtask.sample.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Finds a port to listen on.
 */
final class FreePort {

	private FreePort() {
	}

	/**
	 * Return a port that nobody listens on.
	 * @param port the port to return if it is free, 0 for any
	 * @return the port, or any other if it is taken
	 */
	static int preferably(int port) throws IOException {
		try {
			return bind(port);
		}
		catch (IOException ex) {
			return bind(0);
		}
	}

	private static int bind(int port) throws IOException {
		try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 }))) {
			return socket.getLocalPort();
		}
	}

}
