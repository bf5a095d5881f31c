/** XXH3 with 64 bits, seed 0 and the secret of the specification: a fast hash that resists nobody.
 *  github.com/Cyan4973/xxHash, doc/xxhash_spec.md. Written for a few KB now and then, not for a data
 *  path: about 100 ns for each 8 bytes. */

const UINT64 = 0xffff_ffff_ffff_ffffn
const UINT32 = 0xffff_ffffn

const PRIME32_1 = 0x9e37_79b1n
const PRIME32_2 = 0x85eb_ca77n
const PRIME32_3 = 0xc2b2_ae3dn
const PRIME64_1 = 0x9e37_79b1_85eb_ca87n
const PRIME64_2 = 0xc2b2_ae3d_27d4_eb4fn
const PRIME64_3 = 0x1656_67b1_9e37_79f9n
const PRIME64_4 = 0x85eb_ca77_c2b2_ae63n
const PRIME64_5 = 0x27d4_eb2f_1656_67c5n
const PRIME_MX1 = 0x1656_6791_9e37_79f9n
const PRIME_MX2 = 0x9fb2_1c65_1e98_df25n

const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f' +
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e' +
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
)

/** Long inputs are taken in stripes, each against eight more bytes of the secret than the last. */
const STRIPE = 64
const STRIPES_PER_BLOCK = (SECRET.length - STRIPE) / 8

/** @returns the hash as an unsigned number of 64 bits. */
export function xxh3(bytes: Uint8Array): bigint {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (input.length > 240) return hashLong(input)
  if (input.length > 16) return hashMiddle(input)
  return hashShort(input)
}

function hashShort(input: Buffer): bigint {
  const size = input.length
  if (size === 0) return avalanche64(secret(56) ^ secret(64))
  if (size <= 3) {
    const ends = (input[0]! << 16) | input[size - 1]! | (size << 8)
    const combined = BigInt(ends) | (BigInt(input[size >> 1]!) << 24n)
    return avalanche64(combined ^ ((secret(0) & UINT32) ^ (secret(0) >> 32n)))
  }
  if (size <= 8) {
    const both = BigInt(input.readUInt32LE(size - 4)) | (BigInt(input.readUInt32LE(0)) << 32n)
    return mixShort(both ^ secret(8) ^ secret(16), BigInt(size))
  }
  const low = input.readBigUInt64LE(0) ^ secret(24) ^ secret(32)
  const high = input.readBigUInt64LE(size - 8) ^ secret(40) ^ secret(48)
  return avalanche(BigInt(size) + swapped(low) + high + folded(low, high))
}

/** Up to 128 bytes pairs of 16 are taken from both ends inwards, up to 240 all in order. */
function hashMiddle(input: Buffer): bigint {
  const size = input.length
  let sum = BigInt(size) * PRIME64_1
  if (size <= 128) {
    for (let pair = Math.ceil(size / 32) - 1; pair >= 0; pair--) {
      sum += mix16(input, 16 * pair, 32 * pair)
      sum += mix16(input, size - 16 * (pair + 1), 32 * pair + 16)
    }
    return avalanche(sum)
  }
  for (let round = 0; round < 8; round++) sum += mix16(input, 16 * round, 16 * round)
  sum = avalanche(sum)
  for (let round = 8; round < Math.floor(size / 16); round++)
    sum += mix16(input, 16 * round, 16 * (round - 8) + 3)
  return avalanche(sum + mix16(input, size - 16, 119))
}

function hashLong(input: Buffer): bigint {
  const size = input.length
  const lanes = BigUint64Array.of(
    PRIME32_3,
    PRIME64_1,
    PRIME64_2,
    PRIME64_3,
    PRIME64_4,
    PRIME32_2,
    PRIME64_5,
    PRIME32_1,
  )
  // The last stripe ends with the input, whole or not, so the one before ends earlier.
  const stripes = Math.floor((size - 1) / STRIPE)
  for (let stripe = 0; stripe < stripes; stripe++) {
    const ofBlock = stripe % STRIPES_PER_BLOCK
    accumulate(lanes, input, stripe * STRIPE, 8 * ofBlock)
    if (ofBlock === STRIPES_PER_BLOCK - 1) scramble(lanes)
  }
  accumulate(lanes, input, size - STRIPE, SECRET.length - STRIPE - 7)
  let sum = BigInt(size) * PRIME64_1
  for (let pair = 0; pair < 4; pair++) {
    const low = lanes[2 * pair]! ^ secret(11 + 16 * pair)
    sum += folded(low, lanes[2 * pair + 1]! ^ secret(19 + 16 * pair))
  }
  return avalanche(sum)
}

function accumulate(lanes: BigUint64Array, input: Buffer, at: number, secretAt: number): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = input.readBigUInt64LE(at + 8 * lane)
    const keyed = value ^ secret(secretAt + 8 * lane)
    lanes[lane ^ 1]! += value
    lanes[lane]! += (keyed & UINT32) * (keyed >> 32n)
  }
}

function scramble(lanes: BigUint64Array): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = lanes[lane]!
    const keyed = value ^ (value >> 47n) ^ secret(SECRET.length - STRIPE + 8 * lane)
    lanes[lane] = keyed * PRIME32_1
  }
}

function mix16(input: Buffer, at: number, secretAt: number): bigint {
  const low = input.readBigUInt64LE(at) ^ secret(secretAt)
  return folded(low, input.readBigUInt64LE(at + 8) ^ secret(secretAt + 8))
}

/** Both halves of the product of 128 bits, together. */
function folded(a: bigint, b: bigint): bigint {
  const product = a * b
  return (product & UINT64) ^ (product >> 64n)
}

function avalanche(sum: bigint): bigint {
  let hash = sum & UINT64
  hash = ((hash ^ (hash >> 37n)) * PRIME_MX1) & UINT64
  return hash ^ (hash >> 32n)
}

function avalanche64(value: bigint): bigint {
  let hash = ((value ^ (value >> 33n)) * PRIME64_2) & UINT64
  hash = ((hash ^ (hash >> 29n)) * PRIME64_3) & UINT64
  return hash ^ (hash >> 32n)
}

function mixShort(value: bigint, size: bigint): bigint {
  let hash = ((value ^ rotated(value, 49n) ^ rotated(value, 24n)) * PRIME_MX2) & UINT64
  hash = ((hash ^ ((hash >> 35n) + size)) * PRIME_MX2) & UINT64
  return hash ^ (hash >> 28n)
}

function rotated(value: bigint, bits: bigint): bigint {
  return ((value << bits) & UINT64) | (value >> (64n - bits))
}

function swapped(value: bigint): bigint {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes.readBigUInt64BE()
}

function secret(at: number): bigint {
  return SECRET.readBigUInt64LE(at)
}
