package io.pgtask.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that README and guides show code that compiles: every Java block is a region of
 * the sample's sources, between {@code tag::name[]} and {@code end::name[]}.
 */
class ReadmeTests {

	private static final Pattern REGION = Pattern.compile("(?ms)^\\s*// tag::(\\w+)\\[]\\R(.*?)^\\s*// end::\\1\\[]$");

	@ParameterizedTest
	@ValueSource(strings = { "README.md", "docs/transactions.md", "docs/failures.md" })
	void everyJavaBlockIsARegionOfTheSources(String page) throws IOException {
		List<String> regions = regions();
		List<String> blocks = Readme.read(page).javaBlocks();
		assertThat(blocks).isNotEmpty().allSatisfy((block) -> assertThat(regions).contains(block));
	}

	@Test
	void theRunCommandStartsTheJar() {
		assertThat(Readme.read().runCommand()).startsWith("java", "-jar");
	}

	@ParameterizedTest
	@ValueSource(strings = { "README.md", "docs/transactions.md", "docs/failures.md" })
	void everyLinkedFileExists(String page) {
		assertThat(Readme.read(page).linkedFiles()).isNotEmpty().allSatisfy((file) -> assertThat(file).exists());
	}

	private static List<String> regions() throws IOException {
		try (Stream<Path> files = Files.walk(Path.of("src"))) {
			return files.filter((file) -> file.toString().endsWith(".java")).flatMap(ReadmeTests::regions).toList();
		}
	}

	private static Stream<String> regions(Path file) {
		try {
			return REGION.matcher(Files.readString(file))
				.results()
				.map((match) -> match.group(2).replace("\t", "    ").stripTrailing().stripIndent() + "\n")
				.toList()
				.stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
