// Where ZooKeeper's log goes: stdout, one line per event with its time, INFO. Both catalogued lines log through logback.

const CONFIG = `<configuration>
  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">
    <encoder>
      <pattern>%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %m \\(%c\\)%n</pattern>
    </encoder>
  </appender>
  <root level="INFO">
    <appender-ref ref="CONSOLE"/>
  </root>
</configuration>
`

export function logback(): { readonly file: string; readonly content: string } {
  return { file: 'logback.xml', content: CONFIG }
}
