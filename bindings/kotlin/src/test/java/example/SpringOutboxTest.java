package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import chat.wildfire.message.MessageClient;
import chat.wildfire.message.Outbox;
import chat.wildfire.message.RunProgress;
import chat.wildfire.message.Sandbox;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.sqlite.SQLiteDataSource;

/** The example for Spring: an order and its message are one transaction. */
class SpringOutboxTest {
    @Test
    void anOrderThatIsRolledBackSendsNothing(@TempDir Path folder) {
        String file = folder.resolve("outbox.db").toString();
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + file);
        JdbcTemplate jdbc = new JdbcTemplate(source);
        Orders orders = new Orders(jdbc, new TransactionTemplate(new DataSourceTransactionManager(source)));
        try (Sandbox sandbox = new Sandbox("123456");
                MessageClient client = new MessageClient(sandbox.getBaseUrl(), "123456");
                Outbox outbox = new Outbox("sqlite:" + file, client)) {
            outbox.status();
            jdbc.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, buyer TEXT NOT NULL)");
            orders.place(1, "ann");
            // The second order has the number of the first: its transaction is rolled back, with its message.
            jdbc.update("INSERT INTO orders (number, buyer) VALUES (2, 'somebody')");
            assertThrows(DataAccessException.class, () -> orders.place(2, "ben"));
            // And one whose message cannot be put leaves no order.
            jdbc.update("INSERT INTO wildfirechat_outbox (message_key, request) VALUES ('order-3', '{}')");
            assertThrows(DataAccessException.class, () -> orders.place(3, "eve"));
            assertEquals(List.of(1L, 2L), jdbc.queryForList("SELECT number FROM orders ORDER BY number", Long.class));
            RunProgress told = outbox.run();
            assertEquals(1, told.getSent());
            assertEquals(1, sandbox.messagesWithText("Your order 1 is on its way.").size());
            assertEquals(List.of(), sandbox.messagesOfUser("ben"));
        }
    }
}
