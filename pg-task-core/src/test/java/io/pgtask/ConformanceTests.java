package io.pgtask;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps {@code docs/conformance.md} true: what it names exists, and it leaves nothing
 * out.
 */
class ConformanceTests {

	private static final Pattern SECTION = Pattern.compile("### (\\S+) \\((\\d+)\\)\n(.*?)(?=\n##|\\z)",
			Pattern.DOTALL);

	private static final Pattern ROW = Pattern.compile("(?m)^\\| `([\\w:]+)` \\| ([^|]+) \\|");

	private static final Pattern OURS = Pattern.compile("`(\\w+Tests)#(\\w+)`");

	private static final String FAILURES = "## What fails, and what is done about it";

	private static final int THEIR_TESTS = 166;

	private static final int MOST_WITHOUT_OURS = 25;

	private final Path repository = repository();

	private final String document = read(this.repository.resolve("docs/conformance.md"));

	@Test
	void everyTestOfTheRustLibraryIsMapped() {
		Map<String, String> mapped = new TreeMap<>();
		SECTION.matcher(this.document).results().forEach((section) -> {
			List<MatchResult> rows = ROW.matcher(section.group(3)).results().toList();
			assertThat(rows).as(section.group(1)).hasSize(Integer.parseInt(section.group(2)));
			rows.forEach((row) -> mapped.put(row.group(1), row.group(2)));
		});
		assertThat(mapped).hasSize(THEIR_TESTS);
		List<String> withoutOurs = mapped.values().stream().filter((ours) -> !OURS.matcher(ours).find()).toList();
		assertThat(withoutOurs).hasSizeLessThanOrEqualTo(MOST_WITHOUT_OURS)
			.allMatch((reason) -> reason.startsWith("Rust only: "));
	}

	@Test
	void everyKnownWeaknessHasItsProof() {
		String weaknesses = between("## The known weaknesses of pg_task 1.0", "## The features of pg_task 1.0");
		List<String> rows = weaknesses.lines().filter((line) -> line.matches("\\| \\d* \\|.*")).toList();
		assertThat(rows).filteredOn((row) -> row.matches("\\| \\d+ \\|.*")).hasSize(16);
		assertThat(rows).allMatch((row) -> OURS.matcher(row).find());
	}

	@Test
	void everyFeatureHasATestOrADocument() {
		String features = between("## The features of pg_task 1.0", FAILURES);
		List<String> rows = features.lines().filter((line) -> line.matches("\\| [A-Z`].*")).skip(1).toList();
		assertThat(rows).isNotEmpty()
			.allMatch((row) -> OURS.matcher(row).find() || row.matches(".*\\[\\w+\\.md]\\(\\w+\\.md\\).*"));
		Pattern.compile("\\]\\((\\w+\\.md)\\)")
			.matcher(features)
			.results()
			.forEach((link) -> assertThat(this.repository.resolve("docs").resolve(link.group(1))).exists());
	}

	@Test
	void everythingPromisedElsewhereAboutFailuresHasItsTest() {
		List<String> rows = this.document.substring(this.document.indexOf(FAILURES))
			.lines()
			.filter((line) -> line.matches("\\| \\d+ \\|.*"))
			.toList();
		assertThat(rows).allMatch((row) -> OURS.matcher(row).find());
		assertThat(rows).extracting((row) -> Integer.valueOf(row.split("[ |]+", 3)[1]))
			.containsExactlyElementsOf(
					IntStream.concat(IntStream.rangeClosed(36, 58), IntStream.of(64, 65, 83)).boxed().toList());
	}

	@TestFactory
	Stream<DynamicTest> everyTestThatIsNamedExists() throws IOException {
		Map<String, Class<?>> classes = testClasses();
		return OURS.matcher(this.document)
			.results()
			.map((test) -> Map.entry(test.group(1), test.group(2)))
			.distinct()
			.map((test) -> DynamicTest.dynamicTest(test.getKey() + "#" + test.getValue(), () -> {
				Class<?> type = classes.get(test.getKey());
				if (type != null) {
					assertThat(type.getDeclaredMethods()).filteredOn(ConformanceTests::isTest)
						.extracting(Method::getName)
						.contains(test.getValue());
				}
				else {
					assertThat(read(sourceInOtherModule(test.getKey())))
						.containsPattern("Test[^;{]*\\s" + test.getValue() + "\\(");
				}
			}));
	}

	private static boolean isTest(Method method) {
		return AnnotationSupport.isAnnotated(method, Testable.class);
	}

	/** The test classes of this module by their simple names. */
	private static Map<String, Class<?>> testClasses() throws IOException {
		Map<String, Class<?>> classes = new TreeMap<>();
		Path root = codeSource();
		try (Stream<Path> files = Files.walk(root)) {
			for (Path file : files.filter((path) -> path.toString().endsWith("Tests.class")).toList()) {
				String name = root.relativize(file).toString().replace(".class", "").replace(File.separatorChar, '.');
				Class<?> type = Class.forName(name, false, ConformanceTests.class.getClassLoader());
				classes.put(type.getSimpleName(), type);
			}
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
		return classes;
	}

	private Path sourceInOtherModule(String simpleName) {
		List<Path> found = new ArrayList<>();
		try (Stream<Path> modules = Files.list(this.repository)) {
			for (Path tests : modules.map((module) -> module.resolve("src/test/java")).filter(Files::exists).toList()) {
				try (Stream<Path> files = Files.walk(tests)) {
					files.filter((file) -> file.endsWith(simpleName + ".java")).forEach(found::add);
				}
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		assertThat(found).as("the source of " + simpleName).hasSize(1);
		return found.get(0);
	}

	private String between(String start, String end) {
		return this.document.substring(this.document.indexOf(start), this.document.indexOf(end));
	}

	private static Path repository() {
		Path directory = codeSource();
		while (!Files.exists(directory.resolve("docs"))) {
			Path parent = directory.getParent();
			assertThat(parent).as("a directory with docs above the test classes").isNotNull();
			directory = parent;
		}
		return directory;
	}

	private static Path codeSource() {
		try {
			return Path.of(ConformanceTests.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
