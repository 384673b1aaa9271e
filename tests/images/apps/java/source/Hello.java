/** Says on which Java it runs. */
public final class Hello {
    private Hello() {}

    public static void main(String[] arguments) {
        System.out.println("hello from Java " + Runtime.version().feature());
    }
}
