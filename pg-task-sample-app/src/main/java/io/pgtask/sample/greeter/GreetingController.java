package io.pgtask.sample.greeter;

import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;

import io.pgtask.AwaitTimeoutException;
import io.pgtask.TaskClient;
import io.pgtask.TaskEnd;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * {@code POST /greetings} starts a greeter task, and
 * {@code POST /greetings?waitSeconds=10} answers when it has ended.
 */
@RestController
@RequestMapping("/greetings")
class GreetingController {

	/** A name, no path: a request must not choose among all the files of this machine. */
	private static final Pattern FILENAME = Pattern.compile("\\w[\\w.-]*");

	private static final int LONGEST_WAIT_SECONDS = 30;

	private final Greetings greetings;

	private final TaskClient tasks;

	GreetingController(Greetings greetings, TaskClient tasks) {
		this.greetings = greetings;
		this.tasks = tasks;
	}

	@PostMapping
	@ResponseStatus(HttpStatus.ACCEPTED)
	Accepted greet(@RequestBody Greeting greeting) {
		return new Accepted(this.greetings.greetFrom(requireFilename(greeting)));
	}

	@PostMapping(params = "waitSeconds")
	ResponseEntity<?> greetAndWait(@RequestBody Greeting greeting, @RequestParam int waitSeconds)
			throws InterruptedException {
		String filename = requireFilename(greeting);
		try {
			TaskEnd end = this.tasks.enqueueAndAwait(new Greeter.ReadName(filename), requireShort(waitSeconds));
			return ResponseEntity.ok(new Ended(end.taskId(), end.outcome(), end.error()));
		}
		catch (AwaitTimeoutException ex) {
			return ResponseEntity.accepted().body(new Accepted(ex.getTaskId()));
		}
	}

	private static String requireFilename(Greeting greeting) {
		String filename = greeting.filename();
		if (filename == null || !FILENAME.matcher(filename).matches()) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST,
					"filename must name a file in the working directory, such as name.txt, but is " + filename);
		}
		return filename;
	}

	/** A request holds a thread of the web server for as long as it waits. */
	private static Duration requireShort(int waitSeconds) {
		if (waitSeconds < 0 || waitSeconds > LONGEST_WAIT_SECONDS) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST,
					"waitSeconds must be between 0 and 30 but is " + waitSeconds);
		}
		return Duration.ofSeconds(waitSeconds);
	}

	record Greeting(@Nullable String filename) {
	}

	record Accepted(UUID taskId) {
	}

	record Ended(UUID taskId, TaskEnd.Outcome outcome, @Nullable String error) {
	}

}
