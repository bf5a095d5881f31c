import { kafkajsMemberTraits, openKafkajsMember } from '../drivers/kafkajs-member.ts'
import { groupContract } from './contract.ts'
import { startHost } from './hosted.ts'

groupContract(kafkajsMemberTraits, { open: openKafkajsMember, start: () => startHost('kafkajs') })
