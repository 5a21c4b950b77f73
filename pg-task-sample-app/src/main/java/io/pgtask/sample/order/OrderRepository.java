package io.pgtask.sample.order;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * The orders and the times at which they changed their status.
 */
@Repository
class OrderRepository {

	private static final String INSERT = """
			INSERT INTO customer_order (id, product, quantity, status, task_id)
			VALUES (:id, :product, :quantity, 'PLACED', :taskId)""";

	private static final String SELECT = """
			SELECT o.id, o.product, o.quantity, o.quantity * p.price AS total, o.status, o.payment_id, o.notified_at,
			       o.task_id
			FROM customer_order o JOIN product p ON p.name = o.product
			""";

	private static final String BY_ID = SELECT + "WHERE o.id = :id";

	private static final String BY_ID_LOCKED = BY_ID + " FOR UPDATE OF o";

	private static final String LATEST = SELECT + "ORDER BY o.created_at DESC LIMIT :limit";

	private static final String ADVANCE = "UPDATE customer_order SET status = :to WHERE id = :id AND status = :from";

	private static final String SET_PAYMENT = "UPDATE customer_order SET payment_id = :paymentId WHERE id = :id";

	private static final String SET_NOTIFIED = """
			UPDATE customer_order SET notified_at = now() WHERE id = :id AND notified_at IS NULL""";

	private static final String INSERT_EVENT = "INSERT INTO order_event (order_id, status) VALUES (:id, :status)";

	private static final String EVENTS = """
			SELECT status, happened_at FROM order_event WHERE order_id = :id ORDER BY happened_at""";

	private final JdbcClient jdbc;

	OrderRepository(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void insert(UUID id, String product, int quantity, UUID taskId) {
		this.jdbc.sql(INSERT)
			.param("id", id)
			.param("product", product)
			.param("quantity", quantity)
			.param("taskId", taskId)
			.update();
		insertEvent(id, OrderStatus.PLACED);
	}

	Optional<Order> find(UUID id) {
		return this.jdbc.sql(BY_ID).param("id", id).query(OrderRepository::toOrder).optional();
	}

	Order get(UUID id) {
		return this.jdbc.sql(BY_ID).param("id", id).query(OrderRepository::toOrder).single();
	}

	/**
	 * Read an order and keep everybody else from changing it until the transaction ends.
	 * @param id the order's id
	 * @return the order
	 */
	Order getLocked(UUID id) {
		return this.jdbc.sql(BY_ID_LOCKED).param("id", id).query(OrderRepository::toOrder).single();
	}

	List<Order> findLatest(int limit) {
		return this.jdbc.sql(LATEST).param("limit", limit).query(OrderRepository::toOrder).list();
	}

	List<OrderEvent> findEvents(UUID id) {
		return this.jdbc.sql(EVENTS).param("id", id).query(OrderRepository::toEvent).list();
	}

	/**
	 * Take an order from one status to the next, if it is there.
	 * @param id the order's id
	 * @param from the status it must have
	 * @param to the status it gets
	 * @return whether this call did it; not if an earlier one has
	 */
	boolean advance(UUID id, OrderStatus from, OrderStatus to) {
		boolean advanced = this.jdbc.sql(ADVANCE)
			.param("id", id)
			.param("from", from.name())
			.param("to", to.name())
			.update() > 0;
		if (advanced) {
			insertEvent(id, to);
		}
		return advanced;
	}

	@Transactional
	public void markPaid(UUID id, UUID paymentId) {
		if (advance(id, OrderStatus.RESERVED, OrderStatus.PAID)) {
			this.jdbc.sql(SET_PAYMENT).param("id", id).param("paymentId", paymentId).update();
		}
	}

	void markNotified(UUID id) {
		this.jdbc.sql(SET_NOTIFIED).param("id", id).update();
	}

	private void insertEvent(UUID id, OrderStatus status) {
		this.jdbc.sql(INSERT_EVENT).param("id", id).param("status", status.name()).update();
	}

	private static Order toOrder(ResultSet row, int number) throws SQLException {
		return new Order(row.getObject("id", UUID.class), row.getString("product"), row.getInt("quantity"),
				row.getBigDecimal("total"), OrderStatus.valueOf(row.getString("status")),
				row.getObject("payment_id", UUID.class), toInstant(row.getTimestamp("notified_at")),
				row.getObject("task_id", UUID.class));
	}

	private static OrderEvent toEvent(ResultSet row, int number) throws SQLException {
		return new OrderEvent(OrderStatus.valueOf(row.getString("status")),
				row.getTimestamp("happened_at").toInstant());
	}

	private static @Nullable Instant toInstant(@Nullable Timestamp timestamp) {
		return (timestamp != null) ? timestamp.toInstant() : null;
	}

}
