package io.pgtask.worker;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;

/**
 * The beginning of a stack trace. It is given up as soon as it is long enough: a chain of
 * causes may have no end.
 */
final class StackTraceText {

	private static final int LONGEST = 8_000;

	private StackTraceText() {
	}

	static String of(Throwable failure) {
		StringWriter text = new StringWriter();
		try {
			failure.printStackTrace(new PrintWriter(new Limited(text)));
		}
		// The methods of an exception are code of the application, too.
		catch (Throwable ex) {
			text.write("…");
		}
		return ErrorText.storable(text.toString(), LONGEST);
	}

	/** Refuses to go on behind the limit. */
	private static final class Limited extends Writer {

		private final StringWriter delegate;

		Limited(StringWriter delegate) {
			this.delegate = delegate;
		}

		@Override
		public void write(char[] characters, int offset, int length) {
			if (this.delegate.getBuffer().length() > LONGEST) {
				throw new IllegalStateException("The stack trace is long enough");
			}
			this.delegate.write(characters, offset, length);
		}

		@Override
		public void flush() {
			// There is nothing between this and the text.
		}

		@Override
		public void close() {
			// There is nothing to close.
		}

	}

}
