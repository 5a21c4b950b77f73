package io.pgtask.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the benchmark runs on.
 */
final class Machine {

	private Machine() {
	}

	static Map<String, String> describe() {
		Map<String, String> machine = new LinkedHashMap<>();
		machine.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
		machine.put("processor", value("/proc/cpuinfo", "model name"));
		machine.put("memory", value("/proc/meminfo", "MemTotal"));
		machine.put("load", value("/proc/loadavg", ""));
		machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
		machine.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
		return machine;
	}

	private static String value(String file, String key) {
		try (Stream<String> lines = Files.lines(Path.of(file))) {
			return lines.filter((line) -> line.startsWith(key))
				.map((line) -> line.substring(line.indexOf(':') + 1).trim())
				.findFirst()
				.orElse("unknown");
		}
		catch (IOException ex) {
			return "unknown";
		}
	}

}
