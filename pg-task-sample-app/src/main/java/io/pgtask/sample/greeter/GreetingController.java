package io.pgtask.sample.greeter;

import java.util.UUID;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * {@code POST /greetings} starts a greeter task.
 */
@RestController
@RequestMapping("/greetings")
class GreetingController {

	/** A name, no path: a request must not choose among all the files of this machine. */
	private static final Pattern FILENAME = Pattern.compile("\\w[\\w.-]*");

	private final Greetings greetings;

	GreetingController(Greetings greetings) {
		this.greetings = greetings;
	}

	@PostMapping
	@ResponseStatus(HttpStatus.ACCEPTED)
	Accepted greet(@RequestBody Greeting greeting) {
		String filename = greeting.filename();
		if (filename == null || !FILENAME.matcher(filename).matches()) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST,
					"filename must name a file in the working directory, such as name.txt, but is " + filename);
		}
		return new Accepted(this.greetings.greetFrom(filename));
	}

	record Greeting(@Nullable String filename) {
	}

	record Accepted(UUID taskId) {
	}

}
