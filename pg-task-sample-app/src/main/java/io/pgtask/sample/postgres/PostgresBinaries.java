package io.pgtask.sample.postgres;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

import org.springframework.util.FileSystemUtils;

/**
 * Unpacks the PostgreSQL of this operating system from the class path, once per version.
 */
final class PostgresBinaries {

	private static final Logger logger = LoggerFactory.getLogger(PostgresBinaries.class);

	private static final int OWNER_EXECUTES = 0100;

	private PostgresBinaries() {
	}

	/**
	 * Unpack the binaries unless they are there already.
	 * @param home the folder to put them into
	 * @return the folder of the executables
	 */
	static Path unpackInto(Path home) throws IOException {
		byte[] archive = readArchive();
		Path target = home.resolve("binaries-" + checksum(archive));
		if (!Files.isDirectory(target)) {
			logger.info("Unpacking PostgreSQL into {}", target);
			// Renamed when complete, so that a crash leaves no half of it in its place.
			Path unfinished = home.resolve("unpacking");
			FileSystemUtils.deleteRecursively(unfinished);
			unpack(archive, unfinished);
			Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
		}
		return target.resolve("bin");
	}

	private static byte[] readArchive() throws IOException {
		try (InputStream in = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(operatingSystem(),
				System.getProperty("os.arch"))) {
			return in.readAllBytes();
		}
	}

	private static String operatingSystem() {
		String name = System.getProperty("os.name");
		if (name.startsWith("Windows")) {
			return "Windows";
		}
		return name.startsWith("Mac") ? "Darwin" : name;
	}

	private static String checksum(byte[] archive) {
		CRC32 crc = new CRC32();
		crc.update(archive);
		return Long.toHexString(crc.getValue());
	}

	private static void unpack(byte[] archive, Path folder) throws IOException {
		try (TarArchiveInputStream tar = new TarArchiveInputStream(
				new XZInputStream(new ByteArrayInputStream(archive)))) {
			for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
				unpack(tar, entry, folder.resolve(entry.getName()));
			}
		}
	}

	private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
		if (entry.isDirectory()) {
			Files.createDirectories(target);
			return;
		}
		Files.createDirectories(target.getParent());
		if (entry.isSymbolicLink()) {
			Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
			return;
		}
		Files.copy(tar, target);
		if ((entry.getMode() & OWNER_EXECUTES) != 0 && !target.toFile().setExecutable(true, false)) {
			throw new IOException("Cannot make " + target + " executable");
		}
	}

}
