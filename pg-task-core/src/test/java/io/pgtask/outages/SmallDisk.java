package io.pgtask.outages;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import io.pgtask.test.InstalledServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * A file system in memory that has little room, so that nothing else of the machine runs
 * out of it. Only root can make one.
 */
final class SmallDisk implements AutoCloseable {

	private static final int BLOCK = 4096;

	private final Path root;

	private SmallDisk(Path root) {
		this.root = root;
	}

	/** Mounts one over a directory, or skips the test. */
	static SmallDisk mount(Path root, int megabytes) throws Exception {
		assumeThat(InstalledServer.isInstalled()).as("a PostgreSQL in /usr/lib/postgresql").isTrue();
		assumeThat(run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m,mode=0755", "tmpfs", root.toString()))
			.as("that this process may mount a file system")
			.isTrue();
		return new SmallDisk(root);
	}

	/** Makes a directory on it for a server. */
	Path directory(String name) throws IOException {
		return InstalledServer.own(Files.createDirectory(this.root.resolve(name)));
	}

	void fill() throws IOException {
		byte[] block = new byte[BLOCK];
		try (OutputStream out = Files.newOutputStream(filler())) {
			while (true) {
				out.write(block);
			}
		}
		catch (IOException ex) {
			assertThat(Files.getFileStore(this.root).getUsableSpace()).as("room left").isZero();
		}
	}

	/** Makes room again. */
	void free() throws IOException {
		Files.delete(filler());
	}

	private Path filler() {
		return this.root.resolve("filler");
	}

	@Override
	public void close() throws Exception {
		assertThat(run("umount", "-l", this.root.toString())).as("unmounted").isTrue();
	}

	private static boolean run(String... command) throws InterruptedException {
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
			return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
