package io.pgtask.benchmark.contender;

import java.util.List;
import java.util.function.IntFunction;

/**
 * The states of pg-task's tasks.
 */
final class States {

	/** Every type of the tasks with one step. */
	static final List<IntFunction<Single>> SINGLES = List.of(Type0::new, Type1::new, Type2::new, Type3::new, Type4::new,
			Type5::new, Type6::new, Type7::new, Type8::new, Type9::new);

	private States() {
	}

	/**
	 * Make the state of a new task.
	 * @param workload what it looks like
	 * @param number its number
	 * @return the state of its first step
	 */
	static Object first(Workload workload, int number) {
		return (workload.steps() > 1) ? new Journey.First(number)
				: SINGLES.get(number % workload.types()).apply(number);
	}

	/** A task of one step. */
	interface Single {

		int number();

	}

	record Type0(int number) implements Single {
	}

	record Type1(int number) implements Single {
	}

	record Type2(int number) implements Single {
	}

	record Type3(int number) implements Single {
	}

	record Type4(int number) implements Single {
	}

	record Type5(int number) implements Single {
	}

	record Type6(int number) implements Single {
	}

	record Type7(int number) implements Single {
	}

	record Type8(int number) implements Single {
	}

	record Type9(int number) implements Single {
	}

	/** A task of three steps. */
	sealed interface Journey {

		record First(int number) implements Journey {
		}

		record Second(int number) implements Journey {
		}

		record Third(int number) implements Journey {
		}

	}

}
