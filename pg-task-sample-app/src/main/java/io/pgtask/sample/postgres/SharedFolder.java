package io.pgtask.sample.postgres;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Several applications sharing one folder, counted by file locks: the operating system
 * releases those of a killed process, so that it can never be counted by mistake.
 */
class SharedFolder implements Closeable {

	/**
	 * File locks belong to the process, so that those of two contexts in one process
	 * would not exclude each other.
	 */
	private static final Set<Path> FOLDERS_OF_THIS_PROCESS = ConcurrentHashMap.newKeySet();

	private final Path folder;

	private final FileChannel turn;

	private final FileChannel users;

	SharedFolder(Path folder) throws IOException {
		if (!FOLDERS_OF_THIS_PROCESS.add(folder)) {
			throw new EmbeddedPostgresException("Another application context of this process uses " + folder
					+ ". Give each its own folder by sample.postgres.directory.");
		}
		this.folder = folder;
		try {
			this.turn = open("turn.lock");
			this.users = open("users.lock");
		}
		catch (IOException ex) {
			FOLDERS_OF_THIS_PROCESS.remove(folder);
			throw ex;
		}
	}

	/**
	 * Wait until no other application starts or stops the server.
	 * @return to be closed when this one has done so
	 */
	Closeable awaitTurn() throws IOException {
		return this.turn.lock()::release;
	}

	/**
	 * Count this application in.
	 * @return to be closed when it no longer needs the server
	 */
	Closeable join() throws IOException {
		return this.users.lock(0, Long.MAX_VALUE, true)::release;
	}

	/**
	 * Return whether no application is counted in.
	 * @return whether the folder is unused
	 */
	boolean isUnused() throws IOException {
		FileLock alone = this.users.tryLock();
		if (alone == null) {
			return false;
		}
		alone.release();
		return true;
	}

	@Override
	public void close() throws IOException {
		this.turn.close();
		this.users.close();
		FOLDERS_OF_THIS_PROCESS.remove(this.folder);
	}

	private FileChannel open(String name) throws IOException {
		return FileChannel.open(this.folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.READ,
				StandardOpenOption.WRITE);
	}

}
