/** What a JVM takes at least. */
public final class Hello {
  private Hello() {}

  public static void main(String[] args) {
    System.out.println("ready");
  }
}
