/** Who is told of what, and what silences what. Both senders' alerts have the same labels, so one file serves both. */
import type { Artefact } from '../options.ts';

export function alertmanagerFile(): Artefact {
  return {
    path: 'alertmanager.yaml',
    text: `# Written by blackstart generate rules. Give the receivers what they are to notify, or take route and inhibit_rules into
# a configuration of your own.
route:
  receiver: blackstart-ticket
  group_by: [scenario, alertname, objective, region]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 4h
  routes:
    # Nobody has to look: they explain others.
    - matchers: ['severity = "info"']
      receiver: blackstart-nobody
    - matchers: ['severity = "critical"']
      receiver: blackstart-page
    - matchers: ['severity = "warning"']
      receiver: blackstart-ticket
      group_wait: 5m
      repeat_interval: 1d

receivers:
  - name: blackstart-page
  - name: blackstart-ticket
  - name: blackstart-nobody

# To an Alertmanager a label that both alerts lack is equal: so what is compared has to be there.
inhibit_rules:
  # A region that is down says enough: what asks it fails too. Entry names have no region, and go on to page.
  - source_matchers: ['alertname = "BlackstartRegionDown"', 'region =~ ".+"']
    target_matchers:
      - 'region =~ ".+"'
      - 'alertname =~ "BlackstartBudgetBurnsFast|BlackstartBudgetBurnsSlowly|BlackstartObjectiveFailed|BlackstartAgentGone|BlackstartSourceDown"'
    equal: [scenario, region]
  # Who was paged for an objective needs no ticket for it.
  - source_matchers: ['sloth_severity = "page"', 'objective =~ ".+"']
    target_matchers: ['sloth_severity = "ticket"', 'objective =~ ".+"']
    equal: [scenario, objective]
  # What a drill takes away was taken away on purpose; what it left behind, or leaked, was not. An observation has no
  # region until it has seen one go dark.
  - source_matchers: ['alertname = "BlackstartDrillRunning"', 'region =~ ".+"']
    target_matchers:
      - 'region =~ ".+"'
      - 'severity =~ "warning|critical"'
      - 'alertname !~ "BlackstartDrill.*|BlackstartResidencyViolation"'
    equal: [scenario, region]
`,
  };
}
