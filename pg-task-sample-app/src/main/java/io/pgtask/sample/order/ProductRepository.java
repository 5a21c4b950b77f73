package io.pgtask.sample.order;

import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The products and how many of them are in stock.
 */
@Repository
class ProductRepository {

	private static final String NAMES = "SELECT name FROM product ORDER BY name";

	private static final String TAKE = """
			UPDATE product SET stock = stock - :quantity WHERE name = :name AND stock >= :quantity""";

	private static final String GIVE_BACK = "UPDATE product SET stock = stock + :quantity WHERE name = :name";

	private final JdbcClient jdbc;

	ProductRepository(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	List<String> findNames() {
		return this.jdbc.sql(NAMES).query(String.class).list();
	}

	/**
	 * Take products out of the stock.
	 * @param name the product
	 * @param quantity how many
	 * @return whether there were enough
	 */
	boolean take(String name, int quantity) {
		return this.jdbc.sql(TAKE).param("name", name).param("quantity", quantity).update() > 0;
	}

	void giveBack(String name, int quantity) {
		this.jdbc.sql(GIVE_BACK).param("name", name).param("quantity", quantity).update();
	}

}
