// What a playbook is told of a case: its state, counts and tracking links. It must never show a subject, an address, a
// person or anybody's words.
import { z } from 'zod/v4'
import { caseName, isOpen, type CaseRecord, type CaseState } from '../case/case.js'
import type { DeliveryLocation } from '../case/mail.js'
import { remediationActions, severities, type LeftOutReason, type Plan } from '../case/plan.js'
import type { BatchState, Remediation } from '../case/remediation.js'

const noStage = {
  looking: 0,
  nothingFound: 0,
  unreadable: 0,
  proposed: 0,
  approved: 0,
  submitting: 0,
  submitted: 0,
  failed: 0,
  uncertain: 0,
  rejected: 0,
  expired: 0,
  joined: 0
} satisfies Record<CaseState, 0>
