package io.pgtask.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the README, or another page of the documentation, promises.
 */
final class Readme {

	private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\R(.*?)^```$");

	private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)\\)");

	private final Path file;

	private final String text;

	private final List<Block> blocks;

	private Readme(Path file) throws IOException {
		this.file = file;
		this.text = Files.readString(file);
		this.blocks = BLOCK.matcher(this.text)
			.results()
			.map((match) -> new Block(match.group(1), match.group(2)))
			.toList();
	}

	static Readme read() {
		return read("README.md");
	}

	/**
	 * Read a page.
	 * @param file the page, seen from the folder of the whole project
	 */
	static Readme read(String file) {
		try {
			return new Readme(root().resolve(file));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The folder of the whole project; tests run in that of their module.
	 */
	static Path root() {
		return Path.of("").toAbsolutePath().resolveSibling("");
	}

	/**
	 * The command that runs the sample, without the one before it that builds it.
	 */
	List<String> runCommand() {
		String line = this.blocks.stream()
			.filter((block) -> block.language().equals("shell"))
			.flatMap((block) -> block.text().lines())
			.filter((text) -> text.contains("&& java "))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("No command runs the sample in " + this.file));
		return List.of(line.substring(line.indexOf("java ")).split(" "));
	}

	List<String> javaBlocks() {
		return this.blocks.stream().filter((block) -> block.language().equals("java")).map(Block::text).toList();
	}

	/**
	 * The files that the page links to.
	 */
	List<Path> linkedFiles() {
		return LINK.matcher(this.text).results().map((match) -> this.file.resolveSibling(match.group(1))).toList();
	}

	private record Block(String language, String text) {
	}

}
