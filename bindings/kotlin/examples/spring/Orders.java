package example;

import java.util.Map;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

import com.google.gson.Gson;

/** Spring JDBC: the message belongs to the order's own transaction. */
public class Orders {
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;

    public Orders(JdbcTemplate jdbc, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    /** Adds an order and the notice about it; both are there after the commit, or neither. */
    public void place(long number, String buyer) {
        transaction.executeWithoutResult(status -> {
            jdbc.update("INSERT INTO orders (number, buyer) VALUES (?, ?)", number, buyer);
            String request = new Gson().toJson(Map.of(
                    "sender", "shop",
                    "conv", Map.of("type", 0, "target", buyer),
                    "payload", Map.of("type", 1, "searchableContent", "Your order " + number + " is on its way.")));
            jdbc.update("INSERT INTO wildfirechat_outbox (message_key, request) VALUES (?, ?)", "order-" + number, request);
        });
    }
}
