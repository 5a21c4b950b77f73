package io.pgtask.sample.greeter;

import java.util.UUID;

import io.pgtask.TaskClient;

import org.springframework.stereotype.Service;

// tag::enqueue[]
@Service
class Greetings {

	private final TaskClient tasks;

	Greetings(TaskClient tasks) {
		this.tasks = tasks;
	}

	UUID greetFrom(String filename) {
		return this.tasks.enqueue(new Greeter.ReadName(filename));
	}

}
// end::enqueue[]
