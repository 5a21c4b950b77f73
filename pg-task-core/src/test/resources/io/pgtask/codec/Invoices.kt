package io.pgtask.codec.kotlin

import io.pgtask.NextStep
import io.pgtask.Step
import io.pgtask.StepContext
import java.io.InputStream
import java.time.Duration
import java.util.function.Supplier

sealed interface Invoice {

    data class Create(val number: Int, val note: String?, val retries: Int = 3, val lines: List<Line> = listOf()) : Invoice

    data class Send(val to: String, val patience: Duration) : Invoice

    data object Close : Invoice

}

data class Line(val text: String)

@JvmRecord
data class Stamp(val text: String, val note: String?, val count: Int = 7)

data class Scan(val source: InputStream)

class CreateStep : NoOp<Invoice, Invoice.Create>()

class SendStep : NoOp<Invoice, Invoice.Send>()

class CloseStep : NoOp<Invoice, Invoice.Close>()

class StampStep : NoOp<Stamp, Stamp>()

class ScanStep : NoOp<Scan, Scan>()

abstract class NoOp<T : Any, S : T> : Step<T, S> {

    override fun run(state: S, context: StepContext): NextStep<T> = NextStep.done()

}

class Fixture : Supplier<Map<String, Any>> {

    override fun get(): Map<String, Any> = mapOf(
        "create" to Invoice.Create(7, null, 5, listOf(Line("a"))),
        "createByDefault" to Invoice.Create(7, null),
        "send" to Invoice.Send("a@b.c", Duration.ofSeconds(90)),
        "close" to Invoice.Close,
        "stamp" to Stamp("a", null, 7),
        "createStep" to CreateStep(),
        "sendStep" to SendStep(),
        "closeStep" to CloseStep(),
        "stampStep" to StampStep(),
        "scanStep" to ScanStep(),
    )

}
