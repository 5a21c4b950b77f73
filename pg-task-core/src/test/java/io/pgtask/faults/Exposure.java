package io.pgtask.faults;

/**
 * What has to happen to show that the engine breaks a promise, if it does.
 */
interface Exposure {

	void play(Stage stage) throws Exception;

}
